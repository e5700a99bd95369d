"""What is known of media, and ffmpeg."""
