"""The sample video `photographs`: a camera that moves over real pictures."""
