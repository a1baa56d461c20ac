package a

func A() error {
	if x {
		return nil
	}
	return nil
}
