"""What the program does: one use case a file, plain values in, a result out; nothing is printed here."""
