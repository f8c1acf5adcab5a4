"""What a report computes of one result alone, and where it is kept until anything that it follows from changes."""
