"""mediajobs: a media-job service; this package is the code of every one of its functions."""
