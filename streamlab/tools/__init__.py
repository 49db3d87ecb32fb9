"""What a pipeline's nodes run: detection, tracking, OCR, and plain functions."""
