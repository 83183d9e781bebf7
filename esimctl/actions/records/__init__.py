"""Records for other tools and from them: exports, imports, and the deadlines that papers have."""
