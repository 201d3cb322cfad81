"""Forms of order screens. A form is courtesy: the step asks again under lock."""
