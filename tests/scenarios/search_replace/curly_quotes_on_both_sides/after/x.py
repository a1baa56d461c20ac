print("hi", 'a', "b")
log(1)
