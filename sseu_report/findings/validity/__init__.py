"""What scores depend on beside the system, and what is said unheard: speakers, sentences, labels, hallucinations."""
