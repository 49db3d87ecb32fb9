"""Side-by-side measurements: `python -m benchmarks.NAME` each. Never part of the test suite."""
