-- Rules of people: what must hold of who may do what.

-- @U1 [always] Nobody holds two rights that may not meet in one person
SELECT user_id, why FROM public.duty_conflicts(NULL);
