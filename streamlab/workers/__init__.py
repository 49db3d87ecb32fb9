"""Workers: where pipelines run, behind one small interface."""
