"""The shell: reads facts, asks one rule, writes, nudges. Each file is one thing that happens."""
