print("hi", 'a')
log(1)
