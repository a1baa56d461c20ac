def tax():
    return 0.1
