"""What a person sees: the program in a real terminal (tmux), and pictures of it for eyes to judge."""
