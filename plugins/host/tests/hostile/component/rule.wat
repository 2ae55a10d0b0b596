;; A rule written by hand, and the mould for hostile ones: they put their own words in place of one of the parts between
;; the marks. Without that it accepts every record, of at most 200.
;;
;; Layout (canonical ABI): a text or list is (pointer, length); an answer is 12 bytes, its case in the first.
(component
  ;;{offered
  ;;}
  (type $a-value (variant (case "null") (case "boolean" bool) (case "decimal" string) (case "text" string)
    (case "date" string) (case "datetime" string) (case "time" string) (case "unknown")))
  (export $value "value" (type $a-value))
  (type $an-event (enum "create" "update" "delete"))
  (export $event "event" (type $an-event))
  (type $a-phase (enum "before-save" "after-save"))
  (export $phase "phase" (type $a-phase))
  (type $a-trigger (record (field "phase" $phase) (field "event" $event)))
  (export $trigger "trigger" (type $a-trigger))
  (type $a-description (record (field "name" string) (field "objects" (list string)) (field "fields" (list string))
    (field "triggers" (list $trigger))))
  (export $description "description" (type $a-description))
  (type $a-user (record (field "username" string) (field "profile" string) (field "permission-sets" (list string))
    (field "custom-permissions" (list string))))
  (export $user "user" (type $a-user))
  (type $a-context (record (field "object" string) (field "phase" $phase) (field "event" $event) (field "user" $user)
    (field "now" string)))
  (export $context "context" (type $a-context))
  (type $a-row (record (field "values" (list $value)) (field "prior" (option (list $value)))))
  (export $row "row" (type $a-row))
  (type $a-refusal (record (field "code" string) (field "message" string) (field "fields" (list string))))
  (export $refusal "refusal" (type $a-refusal))
  (type $a-change (record (field "field" string) (field "value" $value)))
  (export $change "change" (type $a-change))
  (type $an-answer (variant (case "accept") (case "refuse" (list $refusal)) (case "change" (list $change))
    (case "unknown" string)))
  (export $answer "answer" (type $an-answer))

  (core module $rule
    ;;{imports
    ;;}
    ;;{memory
    (memory (export "memory") 4)
    ;;}
    (global $next (mut i32) (i32.const 65536))
    ;; description: name, objects, fields, triggers
    (data (i32.const 0) "\40\00\00\00\07\00\00\00" "\50\00\00\00\01\00\00\00" "\58\00\00\00\01\00\00\00" "\60\00\00\00\01\00\00\00")
    (data (i32.const 64) "by-hand")
    (data (i32.const 112) "Lead" "Email")
    (data (i32.const 80) "\70\00\00\00\04\00\00\00" "\74\00\00\00\05\00\00\00" "\00\00")
    ;;{realloc
    (func (export "cabi_realloc") (param $old i32) (param $was i32) (param $align i32) (param $size i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.set $next (i32.add (local.get $at) (local.get $size)))
      (local.get $at))
    ;;}
    ;;{describe
    (func (export "describe") (result i32) (i32.const 0))
    ;;}
    ;; context: object, phase, event, user (4 texts and lists), now; then the rows
    ;;{evaluate
    (func (export "evaluate")
      (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (param $rows i32) (param $count i32) (result i32)
      (i32.store (i32.const 4096) (i32.const 8192))
      (i32.store (i32.const 4100) (local.get $count))
      (i32.const 4096))
    ;;}
  )

  ;;{instance
  (core instance $made (instantiate $rule))
  ;;}
  (alias core export $made "memory" (core memory $memory))
  (alias core export $made "cabi_realloc" (core func $realloc))
  (func (export "describe") (result $description)
    (canon lift (core func $made "describe") (memory $memory) (realloc $realloc)))
  (func (export "evaluate") (param "context" $context) (param "rows" (list $row)) (result (list $answer))
    (canon lift (core func $made "evaluate") (memory $memory) (realloc $realloc)))
)
