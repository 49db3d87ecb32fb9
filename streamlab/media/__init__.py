"""Pictures and videos: JPEG frames, video files, the samples, and drawing on frames."""
