"""Networks and the engines that run them, weights, pre- and post-processing."""
