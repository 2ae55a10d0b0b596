;; Gives the host a pointer behind its memory: whoever answers the import says what is wrong.
(module
  (import "crm" "answer" (func $answer (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "run") (param i32) (result i32) (call $answer (i32.const -4))))
