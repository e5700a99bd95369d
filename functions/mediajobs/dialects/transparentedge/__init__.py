"""TransparentEdge Transcoding, as its clients know it."""
