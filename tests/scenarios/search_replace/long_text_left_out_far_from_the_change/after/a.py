def f():
    """Do all of it.

    In order.
    """
    step_0()
    step_1()
    step_2()
    step_3()
    step_4()
    step_5()
    step_6()
    step_7()
    step_8()
    step_9()
    step_10()
    step_11()
    step_12()
    step_13()
    step_14()
    step_15()
    step_16()
    step_17()
    step_18()
    step_19()
    step_20()
    step_21()
    step_22()
    step_23()
    return 2
