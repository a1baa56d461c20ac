x = 1
# debug = True
