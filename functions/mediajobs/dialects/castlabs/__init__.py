"""castLabs Video Toolkit."""
