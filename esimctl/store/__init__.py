"""Where it is kept: files, locks, frames and checksums. The only room that touches files."""
