"""Other people's data, made into files of ours."""
