x = 1  # debug = False
