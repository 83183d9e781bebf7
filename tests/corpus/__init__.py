"""Texts for the tests of patterns."""
