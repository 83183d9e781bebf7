"""Files of a home: profile, journal, index, vault, evidence, and how nothing of them is lost."""
