;; Declares two tables.
(module
  (table 1 funcref)
  (table 1 funcref)
  (func (export "run") (param i32) (result i32) (i32.const 0)))
