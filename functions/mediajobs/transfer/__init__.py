"""Moving files between a job and the places its callers name: guarded, counted and breakable."""
