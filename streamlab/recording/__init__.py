"""The data of a recording: its tables, their columns, the file, and summary figures."""
