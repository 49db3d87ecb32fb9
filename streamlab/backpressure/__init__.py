"""What a session decides by, and the policies that decide which frames are dropped."""
