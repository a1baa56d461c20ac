package a

func f() {
	/*
	 * two
	 */
	g()
	if x {
		h()
	}
}
