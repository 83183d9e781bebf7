"""Lines bought at a counter: how they are added, read and corrected, and what is learnt from pasted messages."""
