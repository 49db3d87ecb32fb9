"""Synthetic scenes of a gate and of a conveyor, with exact ground truth."""
