"""The road check 路检: an inspector at the roadside asks what a plate, a number or a QR code stands for."""
