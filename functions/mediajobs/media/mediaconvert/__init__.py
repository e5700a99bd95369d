"""What a transcode is in MediaConvert's terms: arithmetic only, and without a look at the input."""
