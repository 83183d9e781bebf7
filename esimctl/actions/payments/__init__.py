"""Payment methods, and KHQR codes looked at."""
