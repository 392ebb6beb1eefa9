"""The live path of Signcap: from a camera frame to a captioned frame. No web code, no training code."""
