"""Replay: recorded load in virtual time, under any settings; no clock, no model, no socket."""
