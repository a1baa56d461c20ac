package main

func f() {
	if x {
		y()
		if w {
			z()
		}
	}
}
