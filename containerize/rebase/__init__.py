"""Replace packages of a built image with newer ones of the same release; the application stays."""
