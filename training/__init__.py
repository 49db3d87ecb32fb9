"""How the bundled detector and the sample videos are made, from seeds alone.

`training.scenes` draws synthetic frames with exact ground truth; the other modules turn them into
a training set, a detector (`python -m training.train`), its figures (`python -m
training.evaluate`) and the sample videos (`python -m training.make_clips`).
"""
