"""A record of what must not change while the house is rebuilt: answers, exit codes and the journal, story by story."""
