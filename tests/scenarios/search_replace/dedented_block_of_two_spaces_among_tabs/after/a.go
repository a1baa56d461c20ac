package a

func A() error {
	if x {
		if y {
			return nil
		}
	}
	return nil
}
