;; Does not have the function.
(module)
