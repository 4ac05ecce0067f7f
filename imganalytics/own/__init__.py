"""What the user brings and keeps: imported facts, shortlists, plans. In the user's own folder, never in datasets/."""
