import os

def run():
    step_0()
    step_1()
    step_2()
    step_3()
    step_4()
    step_5()

    return 2
