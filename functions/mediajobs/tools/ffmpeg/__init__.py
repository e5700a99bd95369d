"""ffmpeg as a tool."""
