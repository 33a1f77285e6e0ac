"""WeChat's side of us, held to published vectors, captured XML and other people's readers."""
