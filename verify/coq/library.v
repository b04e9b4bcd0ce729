(* ========================================================================================== *)
(* Library: the same text in every certificate.  Nothing here depends on a layer.             *)
(* ========================================================================================== *)
From Coq Require Import ZArith List Permutation Bool Lia Ring InitialRing FinFun QArith Qcanon.
Import ListNotations.
Open Scope Z_scope.

(* ---- 1. What a layer is written in: operations on some kind of scalar. -------------------- *)

Inductive function :=
| Exp | Log | Tanh | Sigmoid | Sin | Cos | Log1p | Expm1.

Record operations := Operations {
  carrier : Type;
  zero : carrier;
  one : carrier;
  plus : carrier -> carrier -> carrier;
  times : carrier -> carrier -> carrier;
  negate : carrier -> carrier;
  number : Z -> carrier;          (* an integer as a scalar *)
  fraction : Z -> carrier;        (* 1/n; where a law is needed, a theorem assumes it *)
  inverse : carrier -> carrier;   (* likewise 1/u, *)
  root : carrier -> carrier;      (* the square root, *)
  apply : function -> carrier -> carrier;
  power : carrier -> carrier -> carrier;
  less : carrier -> carrier -> bool }.

Declare Scope scalar_scope.
Delimit Scope scalar_scope with scalar.
Notation "u + v" := (plus _ u v) : scalar_scope.
Notation "u * v" := (times _ u v) : scalar_scope.
Notation "- u" := (negate _ u) : scalar_scope.
Notation "u - v" := (plus _ u (negate _ v)) : scalar_scope.

Definition range (lo hi : Z) : list Z :=
  map (fun n => lo + Z.of_nat n) (seq 0 (Z.to_nat (hi - lo))).

(* The sum of F i over lo <= i < hi; an empty range gives zero. *)
Definition finite_sum (o : operations) (lo hi : Z) (F : Z -> carrier o) : carrier o :=
  fold_right (fun i rest => plus o (F i) rest) (zero o) (range lo hi).

Notation "'sum' [ lo <= i < hi ] F" := (finite_sum _ lo%Z hi%Z (fun i => F%scalar))
  (at level 45, lo at level 69, i name, hi at level 69, F at level 45, right associativity,
   format "'sum'  [ lo  <=  i  <  hi ]  F") : scalar_scope.

(* The Iverson bracket: 1 where the condition holds, else 0. *)
Definition bracket (o : operations) (c : bool) : carrier o := if c then one o else zero o.
Notation "⟦ c ⟧" := (bracket _ c%Z) (format "⟦ c ⟧") : scalar_scope.

(* Where F i is largest over lo <= i < hi with c i: the first such place. *)
Definition first_largest (o : operations) (lo hi : Z) (c : Z -> bool) (F : Z -> carrier o)
  : option Z :=
  fold_left (fun best i => match best with
    | None => Some i
    | Some j => if less o (F j) (F i) then Some i else best
    end) (filter c (range lo hi)) None.

Definition largest (o : operations) (lo hi : Z) (c : Z -> bool) (F : Z -> carrier o) : carrier o :=
  match first_largest o lo hi c F with Some i => F i | None => zero o end.

Definition is_first (i : Z) (place : option Z) : bool :=
  match place with Some j => i =? j | None => false end.

Notation "'max' [ lo <= i < hi | c ] F" := (largest _ lo%Z hi%Z (fun i => c%Z) (fun i => F%scalar))
  (at level 45, lo at level 69, i name, hi at level 69, c at level 99, F at level 45,
   right associativity, format "'max'  [ lo  <=  i  <  hi  |  c ]  F") : scalar_scope.
Notation "'argmax' [ lo <= i < hi | c ] F" :=
  (first_largest _ lo%Z hi%Z (fun i => c%Z) (fun i => F%scalar))
  (at level 45, lo at level 69, i name, hi at level 69, c at level 99, F at level 45,
   right associativity, format "'argmax'  [ lo  <=  i  <  hi  |  c ]  F") : scalar_scope.

Record commutative_ring := {
  scalar : Type;
  ring_zero : scalar;
  ring_one : scalar;
  ring_plus : scalar -> scalar -> scalar;
  ring_times : scalar -> scalar -> scalar;
  ring_minus : scalar -> scalar -> scalar;
  ring_negate : scalar -> scalar;
  ring_fraction : Z -> scalar;    (* any functions: no law is assumed *)
  ring_inverse : scalar -> scalar;
  ring_root : scalar -> scalar;
  ring_apply : function -> scalar -> scalar;
  rate : function -> scalar -> scalar;              (* the derivative of each function, *)
  ring_power : scalar -> scalar -> scalar;
  base_rate : scalar -> scalar -> scalar;           (* and of u^a by u and by a *)
  exponent_rate : scalar -> scalar -> scalar;
  ring_less : scalar -> scalar -> bool;
  ring_laws : ring_theory ring_zero ring_one ring_plus ring_times ring_minus ring_negate eq }.

(* The ring's operations; the integer n is 1 + ... + 1. *)
Definition plain (A : commutative_ring) : operations := {|
  carrier := scalar A;
  zero := ring_zero A;
  one := ring_one A;
  plus := ring_plus A;
  times := ring_times A;
  negate := ring_negate A;
  number := gen_phiZ (ring_zero A) (ring_one A) (ring_plus A) (ring_times A) (ring_negate A);
  fraction := ring_fraction A;
  inverse := ring_inverse A;
  root := ring_root A;
  apply := ring_apply A;
  power := ring_power A;
  less := ring_less A |}.

(* The derivatives -1/u^2 of 1/u and 1/(2 s) of the root s. *)
Definition inverse_rate (o : operations) (u : carrier o) : carrier o :=
  negate o (times o (inverse o u) (inverse o u)).
Definition root_rate (o : operations) (u : carrier o) : carrier o :=
  times o (fraction o 2) (inverse o (root o u)).

(* Dual numbers a + b*epsilon with epsilon^2 = 0, as pairs (a, b).  The inverse and the root are
   those that algebra leaves (dual_inverse and dual_root below); f(a + b*epsilon) is
   f(a) + f'(a)*b*epsilon; what is compared are the parts without epsilon. *)
Definition dual (A : commutative_ring) : operations :=
  let o := plain A in {|
  carrier := scalar A * scalar A;
  zero := (zero o, zero o);
  one := (one o, zero o);
  plus u v := (plus o (fst u) (fst v), plus o (snd u) (snd v));
  times u v := (times o (fst u) (fst v),
                plus o (times o (fst u) (snd v)) (times o (snd u) (fst v)));
  negate u := (negate o (fst u), negate o (snd u));
  number n := (number o n, zero o);
  fraction n := (fraction o n, zero o);
  inverse u := (inverse o (fst u), times o (inverse_rate o (fst u)) (snd u));
  root u := (root o (fst u), times o (root_rate o (fst u)) (snd u));
  apply f u := (apply o f (fst u), times o (rate A f (fst u)) (snd u));
  power u a := (power o (fst u) (fst a),
                plus o (times o (base_rate A (fst u) (fst a)) (snd u))
                       (times o (exponent_rate A (fst u) (fst a)) (snd a)));
  less u v := less o (fst u) (fst v) |}.

Definition moving {A : commutative_ring} (u v : scalar A) : carrier (dual A) := (u, v).
Definition constant {A : commutative_ring} (u : scalar A) : carrier (dual A) := (u, ring_zero A).
Definition epsilon_part {A : commutative_ring} (u : carrier (dual A)) : scalar A := snd u.

(* ---- 2. Points: lists of index values, the innermost index first. ------------------------- *)

Definition point := list Z.
Definition coordinate (k : nat) (e : point) : Z := nth k e 0.
Definition bound := point -> Z * Z.

Lemma in_range lo hi i : In i (range lo hi) <-> lo <= i < hi.
Proof.
  unfold range; rewrite in_map_iff; split.
  - intros (n & <- & H); apply in_seq in H; lia.
  - intros H; exists (Z.to_nat (i - lo)); rewrite in_seq; lia.
Qed.

Lemma nodup_range lo hi : NoDup (range lo hi).
Proof. apply Injective_map_NoDup; [intros a b; lia | apply seq_NoDup]. Qed.

Fixpoint points (bs : list bound) (e : point) : list point :=
  match bs with
  | [] => [e]
  | b :: bs => flat_map (fun i => points bs (i :: e)) (range (fst (b e)) (snd (b e)))
  end.

Fixpoint every (bs : list bound) (P : point -> Prop) (e : point) : Prop :=
  match bs with
  | [] => P e
  | b :: bs => forall i, fst (b e) <= i < snd (b e) -> every bs P (i :: e)
  end.

Fixpoint inside (bs : list bound) (e : point) (p : list Z) : Prop :=
  match bs, p with
  | [], [] => True
  | b :: bs, i :: p => fst (b e) <= i < snd (b e) /\ inside bs (i :: e) p
  | _, _ => False
  end.

Lemma every_points bs P e : every bs P e -> forall p, In p (points bs e) -> P p.
Proof.
  revert e; induction bs as [|b bs IH]; simpl; intros e H p Hp.
  - destruct Hp as [<-|[]]; exact H.
  - apply in_flat_map in Hp as (i & Hi & Hp). apply in_range in Hi. eauto.
Qed.

Lemma inside_points bs e p : inside bs e p -> In (rev p ++ e) (points bs e).
Proof.
  revert e p; induction bs as [|b bs IH]; destruct p as [|i p]; simpl; try tauto.
  intros (Hi & H). apply in_flat_map. exists i. rewrite in_range. split; [exact Hi|].
  rewrite <- app_assoc. apply (IH (i :: e) p H).
Qed.

Lemma points_split bs e p :
  In p (points bs e) -> exists own, p = own ++ e /\ length own = length bs.
Proof.
  revert e p; induction bs as [|b bs IH]; simpl; intros e p H.
  - destruct H as [<-|[]]. exists []; auto.
  - apply in_flat_map in H as (i & _ & H). apply IH in H as (own & -> & L).
    exists (own ++ [i]). rewrite <- app_assoc, app_length, L. simpl. split; [reflexivity|lia].
Qed.

Lemma points_skip bs e p : In p (points bs e) -> skipn (length bs) p = e.
Proof.
  intros H. apply points_split in H as (own & -> & <-).
  rewrite skipn_app, skipn_all, Nat.sub_diag. reflexivity.
Qed.

Lemma points_app bs cs e : points (bs ++ cs) e = flat_map (points cs) (points bs e).
Proof.
  revert e; induction bs as [|b bs IH]; simpl; intros e; [rewrite app_nil_r; reflexivity|].
  generalize (range (fst (b e)) (snd (b e))); intros l; induction l; simpl; [reflexivity|].
  rewrite IH, flat_map_app, IHl. reflexivity.
Qed.

Lemma nodup_flat_map {S T} (f : S -> list T) l :
  NoDup l -> (forall a, NoDup (f a)) ->
  (forall a a' b, In b (f a) -> In b (f a') -> a = a') -> NoDup (flat_map f l).
Proof.
  intros Hl Hf Hd; induction Hl as [|a l Ha Hl IH]; simpl; [constructor|].
  assert (D : forall b, In b (f a) -> ~ In b (flat_map f l)).
  { intros b H1 H2. apply in_flat_map in H2 as (a' & Ha' & H2). apply Ha.
    rewrite (Hd a a' b H1 H2). exact Ha'. }
  revert D; generalize (f a) (Hf a); intros k Hk; induction Hk; simpl; intros D; [exact IH|].
  constructor; [rewrite in_app_iff; intros [?|?]; [contradiction|eapply D; eauto]|].
  apply IHHk. intros; apply D; auto.
Qed.

Lemma nodup_points bs e : NoDup (points bs e).
Proof.
  revert e; induction bs as [|b bs IH]; simpl; intros e; [repeat constructor; simpl; tauto|].
  apply nodup_flat_map; [apply nodup_range|intros; apply IH|].
  intros i j p Hi Hj. apply points_skip in Hi. apply points_skip in Hj. congruence.
Qed.

Lemma nodup_map {S T} (m : S -> T) l :
  NoDup l -> (forall a b, In a l -> In b l -> m a = m b -> a = b) -> NoDup (map m l).
Proof.
  induction 1 as [|a l Ha Hl IH]; simpl; intros H; constructor.
  - rewrite in_map_iff. intros (b & E & Hb). apply Ha. rewrite (H a b); auto.
  - apply IH; auto.
Qed.

Fixpoint horner {S} (z : S) (p t : S -> S -> S) (cs : list S) (u : S) : S :=
  match cs with [] => z | c :: cs => p c (t u (horner z p t cs u)) end.

Fixpoint horner_slope {S} (z : S) (p t : S -> S -> S) (cs : list S) (u : S) : S :=
  match cs with
  | [] => z
  | c :: cs => p (horner z p t cs u) (t u (horner_slope z p t cs u))
  end.

Definition polynomial (o : operations) := horner (zero o) (plus o) (times o).
Definition slope (o : operations) := horner_slope (zero o) (plus o) (times o).

(* ---- 3. Sums over lists, in any commutative ring. ----------------------------------------- *)

Section Ring.
Variable A : commutative_ring.
Add Ring scalars : (ring_laws A).
Declare Scope ring_scope.
Delimit Scope ring_scope with ring.
Notation "0" := (ring_zero A) : ring_scope.
Notation "1" := (ring_one A) : ring_scope.
Notation "u + v" := (ring_plus A u v) : ring_scope.
Notation "u * v" := (ring_times A u v) : ring_scope.
Notation "- u" := (ring_negate A u) : ring_scope.

Definition total {S : Type} (l : list S) (f : S -> scalar A) : scalar A :=
  fold_right (fun p rest => f p + rest)%ring 0%ring l.

Arguments number : simpl never.
Arguments finite_sum : simpl never.

Lemma total_ext {S} (l : list S) f h : (forall a, In a l -> f a = h a) -> total l f = total l h.
Proof. induction l; simpl; intros H; [reflexivity|]. rewrite H, IHl; auto. Qed.

Lemma total_app {S} (l m : list S) f : total (l ++ m) f = (total l f + total m f)%ring.
Proof. induction l; simpl; [ring|]. rewrite IHl. ring. Qed.

Lemma total_flat {S T} (l : list S) (m : S -> list T) f :
  total (flat_map m l) f = total l (fun a => total (m a) f).
Proof. induction l; simpl; [reflexivity|]. rewrite total_app, IHl. reflexivity. Qed.

Lemma total_plus {S} (l : list S) f h :
  total l (fun a => f a + h a)%ring = (total l f + total l h)%ring.
Proof. induction l; simpl; [ring|]. rewrite IHl. ring. Qed.

Lemma total_zero {S} (l : list S) : total l (fun _ => 0)%ring = 0%ring.
Proof. induction l; simpl; [reflexivity|]. rewrite IHl. ring. Qed.

Lemma total_times {S} (l : list S) c f : (c * total l f)%ring = total l (fun a => c * f a)%ring.
Proof. induction l; simpl; [ring|]. rewrite <- IHl. ring. Qed.

Lemma total_map {S T} (m : S -> T) l f : total (map m l) f = total l (fun a => f (m a)).
Proof. induction l; simpl; [reflexivity|]. rewrite IHl. reflexivity. Qed.

Lemma total_permutation {S} (l m : list S) f : Permutation l m -> total l f = total m f.
Proof.
  induction 1; simpl in *; [reflexivity|rewrite IHPermutation; reflexivity|ring|congruence].
Qed.

Lemma total_filter {S} (g : S -> bool) l f :
  total l (fun a => if g a then f a else 0%ring) = total (filter g l) f.
Proof.
  induction l; simpl; [reflexivity|]. destruct (g a); simpl; rewrite IHl; [reflexivity|ring].
Qed.

(* Change of index: two guarded sums agree when their non-zero terms correspond one to one. *)
Lemma total_bijection {S} (l m : list S) (g g' : S -> bool) (f h : S -> scalar A)
  (to fro : S -> S) (c : scalar A) :
  NoDup l -> NoDup m ->
  (forall a, In a l -> g a = true ->
     In (to a) m /\ g' (to a) = true /\ fro (to a) = a /\ f a = (c * h (to a))%ring) ->
  (forall b, In b m -> g' b = true -> In (fro b) l /\ g (fro b) = true /\ to (fro b) = b) ->
  total l (fun a => if g a then f a else 0%ring)
  = (c * total m (fun b => if g' b then h b else 0%ring))%ring.
Proof.
  intros Nl Nm F B. rewrite !total_filter, total_times.
  assert (P : Permutation (map to (filter g l)) (filter g' m)).
  { apply NoDup_Permutation;
      [apply nodup_map; [apply NoDup_filter, Nl|]|apply NoDup_filter, Nm|].
    - intros a b Ha Hb E. apply filter_In in Ha as [Ha Ga]. apply filter_In in Hb as [Hb Gb].
      destruct (F a Ha Ga) as (_ & _ & <- & _). destruct (F b Hb Gb) as (_ & _ & <- & _).
      congruence.
    - intros b. rewrite in_map_iff, filter_In. split.
      + intros (a & <- & H). apply filter_In in H as [H G].
        destruct (F a H G) as (? & ? & _). tauto.
      + intros [H G]. exists (fro b). destruct (B b H G) as (? & ? & ?).
        rewrite filter_In. tauto. }
  rewrite <- (total_permutation _ _ _ P), total_map. apply total_ext.
  intros a H. apply filter_In in H as [H G]. apply F; assumption.
Qed.

(* ---- 4. Terms: a guarded product summed over a box of points. ----------------------------- *)

Record term := Term { bounds : list bound; guard : point -> bool; value : point -> scalar A }.

Definition meaning (t : term) (e : point) : scalar A :=
  total (points (bounds t) e) (fun p => if guard t p then value t p else 0%ring).

Definition meanings (ts : list term) (e : point) : scalar A := total ts (fun t => meaning t e).

(* `to` and `fro` give the own coordinates of a point, innermost first; e holds the outer ones. *)
Lemma change_of_index t u e (to fro : point -> point) (c : scalar A) :
  every (bounds t) (fun p => guard t p = true ->
     inside (bounds u) e (rev (to p)) /\ guard u (to p ++ e) = true /\ fro (to p ++ e) ++ e = p
     /\ value t p = (c * value u (to p ++ e))%ring) e ->
  every (bounds u) (fun p => guard u p = true ->
     inside (bounds t) e (rev (fro p)) /\ guard t (fro p ++ e) = true
     /\ to (fro p ++ e) ++ e = p) e ->
  meaning t e = (c * meaning u e)%ring.
Proof.
  intros F B.
  apply (total_bijection _ _ _ _ _ _ (fun p => to p ++ e) (fun p => fro p ++ e) c);
    try apply nodup_points.
  - intros p Hp G. destruct (every_points _ _ _ F p Hp G) as (I & ? & ? & ?).
    apply inside_points in I. rewrite rev_involutive in I. auto.
  - intros p Hp G. destruct (every_points _ _ _ B p Hp G) as (I & ? & ?).
    apply inside_points in I. rewrite rev_involutive in I. auto.
Qed.

Lemma vanishing t e :
  every (bounds t) (fun p => guard t p = true -> value t p = 0%ring) e -> meaning t e = 0%ring.
Proof.
  intros H. unfold meaning. etransitivity; [|apply (total_zero (points (bounds t) e))].
  apply total_ext; intros p Hp. generalize (every_points _ _ _ H p Hp).
  destruct (guard t p); auto.
Qed.

(* An index that nothing else mentions counts: it is n further copies of the rest. *)
Definition copied (n : point -> Z) (t : term) : term :=
  Term (bounds t ++ [fun p => (0, n p)]) (fun p => guard t (skipn 1 p))
       (fun p => value t (skipn 1 p)).
Definition counted (n : point -> Z) (t : term) : term :=
  Term (bounds t) (guard t) (fun p => number (plain A) (n p) * value t p)%ring.

Lemma number_of_nat n : number (plain A) (Z.of_nat n) = total (seq 0 n) (fun _ => 1%ring).
Proof.
  induction n as [|n IH]; [reflexivity|].
  rewrite Nat2Z.inj_succ, <- Z.add_1_r, seq_S, total_app. simpl.
  rewrite <- IH. unfold number, plain.
  rewrite (gen_phiZ_add (Eqsth _) (Eq_ext _ _ _) (ring_laws A)). simpl. ring.
Qed.

Lemma number_times a b :
  number (plain A) (a * b) = (number (plain A) a * number (plain A) b)%ring.
Proof. apply (gen_phiZ_mul (Eqsth _) (Eq_ext _ _ _) (ring_laws A)). Qed.

Lemma copies t n e :
  every (bounds t) (fun p => guard t p = true -> 0 <= n p) e ->
  meaning (copied n t) e = meaning (counted n t) e.
Proof.
  intros H. unfold meaning, copied, counted; simpl. rewrite points_app, total_flat.
  apply total_ext; intros p Hp. generalize (every_points _ _ _ H p Hp).
  simpl. rewrite total_flat. unfold range. rewrite total_map. simpl.
  destruct (guard t p); intros N.
  - rewrite (total_ext _ _ (fun _ => value t p * 1)%ring) by (intros; ring).
    rewrite <- total_times, <- number_of_nat, Z2Nat.id by (specialize (N eq_refl); lia).
    rewrite Z.sub_0_r. ring.
  - etransitivity; [|apply (total_zero (seq 0 (Z.to_nat (n p - 0))))].
    apply total_ext; intros; ring.
Qed.

Lemma counting t u n e (to fro : point -> point) :
  every (bounds t) (fun p => guard t p = true ->
     inside (bounds (copied n u)) e (rev (to p)) /\ guard (copied n u) (to p ++ e) = true
     /\ fro (to p ++ e) ++ e = p /\ value t p = (1 * value (copied n u) (to p ++ e))%ring) e ->
  every (bounds (copied n u)) (fun p => guard (copied n u) p = true ->
     inside (bounds t) e (rev (fro p)) /\ guard t (fro p ++ e) = true
     /\ to (fro p ++ e) ++ e = p) e ->
  every (bounds u) (fun p => guard u p = true -> 0 <= n p) e ->
  meaning t e = meaning (counted n u) e.
Proof.
  intros F B N. rewrite <- copies by exact N.
  rewrite (change_of_index t (copied n u) e to fro 1%ring F B). ring.
Qed.

(* ---- 5. Expressions, and the terms of their value and of their epsilon-part. -------------- *)

(* An entry w of a table of atoms stands for the value of an expression that is not multiplied out;
   d says what the rate of change of a function is at its argument. *)
Definition entry := point -> scalar A.

Inductive expression :=
| Fixed (v : entry)
| Moving (v d : entry)
| Bracket (c : point -> bool)
| Choice (c : point -> bool) (a b : expression)
| Plus (a b : expression)
| Times (a b : expression)
| Square (a : expression)
| Negate (a : expression)
| Sum (lo hi : point -> Z) (a : expression)
| Named (a : expression) (w : entry)
| Unary (f f' : scalar A -> scalar A) (a : expression) (w : entry) (d : expression)
| Power (a b : expression) (w : entry) (d : expression)
| Step (a b : expression) (w : entry)
| Select (l r : expression) (w : entry) (a b : expression)
| Largest (lo hi : point -> Z) (c : point -> bool) (a : expression) (w place : entry)
| First (i lo hi : point -> Z) (c : point -> bool) (a : expression) (w : entry).

Fixpoint evaluate (a : expression) (e : point) : scalar A :=
  match a with
  | Fixed v => v e
  | Moving v d => v e
  | Bracket c => bracket (plain A) (c e)
  | Choice c a b => if c e then evaluate a e else evaluate b e
  | Plus a b => plus (plain A) (evaluate a e) (evaluate b e)
  | Times a b => times (plain A) (evaluate a e) (evaluate b e)
  | Square a => times (plain A) (evaluate a e) (evaluate a e)
  | Negate a => negate (plain A) (evaluate a e)
  | Sum lo hi a => finite_sum (plain A) (lo e) (hi e) (fun i => evaluate a (i :: e))
  | Named a w => evaluate a e
  | Unary f f' a w d => f (evaluate a e)
  | Power a b w d => power (plain A) (evaluate a e) (evaluate b e)
  | Step a b w => bracket (plain A) (less (plain A) (evaluate a e) (evaluate b e))
  | Select l r w a b =>
      if less (plain A) (evaluate l e) (evaluate r e) then evaluate a e else evaluate b e
  | Largest lo hi c a w place =>
      largest (plain A) (lo e) (hi e) (fun i => c (i :: e)) (fun i => evaluate a (i :: e))
  | First i lo hi c a w => bracket (plain A) (is_first (i e)
      (first_largest (plain A) (lo e) (hi e) (fun i => c (i :: e)) (fun i => evaluate a (i :: e))))
  end.

Fixpoint evaluate_dual (a : expression) (e : point) : carrier (dual A) :=
  match a with
  | Fixed v => (v e, 0%ring)
  | Moving v d => (v e, d e)
  | Bracket c => bracket (dual A) (c e)
  | Choice c a b => if c e then evaluate_dual a e else evaluate_dual b e
  | Plus a b => plus (dual A) (evaluate_dual a e) (evaluate_dual b e)
  | Times a b => times (dual A) (evaluate_dual a e) (evaluate_dual b e)
  | Square a => times (dual A) (evaluate_dual a e) (evaluate_dual a e)
  | Negate a => negate (dual A) (evaluate_dual a e)
  | Sum lo hi a => finite_sum (dual A) (lo e) (hi e) (fun i => evaluate_dual a (i :: e))
  | Named a w => evaluate_dual a e
  | Unary f f' a w d =>
      (f (fst (evaluate_dual a e)), f' (fst (evaluate_dual a e)) * snd (evaluate_dual a e))%ring
  | Power a b w d => power (dual A) (evaluate_dual a e) (evaluate_dual b e)
  | Step a b w => bracket (dual A) (less (dual A) (evaluate_dual a e) (evaluate_dual b e))
  | Select l r w a b =>
      if less (dual A) (evaluate_dual l e) (evaluate_dual r e)
      then evaluate_dual a e else evaluate_dual b e
  | Largest lo hi c a w place =>
      largest (dual A) (lo e) (hi e) (fun i => c (i :: e)) (fun i => evaluate_dual a (i :: e))
  | First i lo hi c a w => bracket (dual A) (is_first (i e)
      (first_largest (dual A) (lo e) (hi e) (fun i => c (i :: e))
         (fun i => evaluate_dual a (i :: e))))
  end.

(* What is to be shown of an expression before its terms are: each entry w is the value that it
   stands for, and, where the epsilon-part is asked for, each d is the rate. *)
Fixpoint valid (moves : Prop) (a : expression) (e : point) : Prop :=
  match a with
  | Fixed _ | Moving _ _ | Bracket _ => True
  | Choice _ a b | Plus a b | Times a b => valid moves a e /\ valid moves b e
  | Square a | Negate a => valid moves a e
  | Sum lo hi a => forall i, lo e <= i < hi e -> valid moves a (i :: e)
  | Named a w => w e = evaluate a e /\ (moves -> valid moves a e)
  | Unary f f' a w d =>
      w e = f (evaluate a e)
      /\ (moves -> f' (evaluate a e) = evaluate d e /\ valid moves a e /\ valid False d e)
  | Power a b w d =>
      w e = power (plain A) (evaluate a e) (evaluate b e)
      /\ (moves -> base_rate A (evaluate a e) (evaluate b e) = evaluate d e
            /\ snd (evaluate_dual b e) = 0%ring /\ valid moves a e /\ valid False d e)
  | Step a b w => w e = bracket (plain A) (less (plain A) (evaluate a e) (evaluate b e))
  | Select l r w a b =>
      w e = bracket (plain A) (less (plain A) (evaluate l e) (evaluate r e))
      /\ valid moves a e /\ valid moves b e
  | Largest lo hi c a w place =>
      w e = largest (plain A) (lo e) (hi e) (fun i => c (i :: e)) (fun i => evaluate a (i :: e))
      /\ (moves -> forall i, lo e <= i < hi e ->
            place (i :: e) = bracket (plain A) (is_first i (first_largest (plain A)
              (lo e) (hi e) (fun i => c (i :: e)) (fun i => evaluate a (i :: e))))
            /\ valid moves a (i :: e))
  | First i lo hi c a w => w e = bracket (plain A) (is_first (i e)
      (first_largest (plain A) (lo e) (hi e) (fun i => c (i :: e)) (fun i => evaluate a (i :: e))))
  end.

(* f under n further indices, bound outside the innermost `depth` ones *)
Definition without {T} (n depth : nat) (f : point -> T) (e : point) : T :=
  f (firstn depth e ++ skipn (n + depth) e).

Fixpoint lift (n depth : nat) (bs : list bound) : list bound :=
  match bs with [] => [] | b :: bs => without n depth b :: lift n (S depth) bs end.

Definition product (t u : term) : term :=
  let n := length (bounds t) in let m := length (bounds u) in
  Term (bounds t ++ lift n 0 (bounds u))
       (fun e => guard t (skipn m e) && without n m (guard u) e)
       (fun e => value t (skipn m e) * without n m (value u) e)%ring.

Definition products (ts us : list term) : list term :=
  flat_map (fun t => map (product t) us) ts.

Definition under (lo hi : point -> Z) (t : term) : term :=
  Term ((fun e => (lo e, hi e)) :: bounds t) (guard t) (value t).

Definition opposite (t : term) : term :=
  Term (bounds t) (guard t) (fun e => - value t e)%ring.

Definition doubled (t : term) : term :=
  Term (bounds t) (guard t) (fun e => number (plain A) 2 * value t e)%ring.

Definition single (c : point -> bool) (v : point -> scalar A) : list term := [Term [] c v].
Definition always : point -> bool := fun _ => true.

Definition chosen (c : point -> bool) (ts us : list term) : list term :=
  products (single c (fun _ => 1%ring)) ts
  ++ products (single (fun e => negb (c e)) (fun _ => 1%ring)) us.

(* w is one or zero: the first list where it is one, else the second *)
Definition selected (w : entry) (ts us : list term) : list term :=
  products (single always w) ts ++ us ++ map opposite (products (single always w) us).

Fixpoint values (a : expression) : list term :=
  match a with
  | Fixed v | Moving v _ => single always v
  | Named _ w | Unary _ _ _ w _ | Power _ _ w _ | Step _ _ w | Largest _ _ _ _ w _
  | First _ _ _ _ _ w => single always w
  | Select l r w a b => selected w (values a) (values b)
  | Bracket c => single c (fun _ => 1%ring)
  | Choice c a b => chosen c (values a) (values b)
  | Plus a b => values a ++ values b
  | Times a b => products (values a) (values b)
  | Square a => products (values a) (values a)
  | Negate a => map opposite (values a)
  | Sum lo hi a => map (under lo hi) (values a)
  end.

(* linearity and the product rule *)
Fixpoint tangents (a : expression) : list term :=
  match a with
  | Fixed _ | Bracket _ | Step _ _ _ | First _ _ _ _ _ _ => []
  | Moving v d => single always d
  | Named a w => tangents a
  | Unary _ _ a w d | Power a _ w d => products (values d) (tangents a)
  | Select l r w a b => selected w (tangents a) (tangents b)
  | Largest lo hi c a w place => map (under lo hi) (products (single c place) (tangents a))
  | Choice c a b => chosen c (tangents a) (tangents b)
  | Plus a b => tangents a ++ tangents b
  | Times a b => products (values a) (tangents b) ++ products (tangents a) (values b)
  | Square a => map doubled (products (values a) (tangents a))
  | Negate a => map opposite (tangents a)
  | Sum lo hi a => map (under lo hi) (tangents a)
  end.

Arguments single : simpl never.
Arguments products : simpl never.
Arguments chosen : simpl never.
Arguments meanings : simpl never.

Lemma without_app {T} (f : point -> T) q own e :
  without (length own) (length q) f (q ++ own ++ e) = f (q ++ e).
Proof.
  unfold without. f_equal.
  replace (length own + length q)%nat with (length q + length own)%nat by lia.
  rewrite firstn_app, Nat.sub_diag, firstn_all, firstn_O, app_nil_r. f_equal.
  rewrite skipn_app, skipn_all2 by lia. simpl.
  replace (length q + length own - length q)%nat with (length own) by lia.
  rewrite skipn_app, skipn_all, Nat.sub_diag. reflexivity.
Qed.

Lemma total_lift bs (F : point -> scalar A) q own e :
  total (points (lift (length own) (length q) bs) (q ++ own ++ e))
        (without (length own) (length bs + length q) F)
  = total (points bs (q ++ e)) F.
Proof.
  revert q; induction bs as [|b bs IH]; intros q; simpl.
  - rewrite without_app. reflexivity.
  - rewrite !total_flat, without_app. apply total_ext; intros i _.
    specialize (IH (i :: q)). simpl in IH. rewrite Nat.add_succ_r in IH. exact IH.
Qed.

Lemma length_lift n d bs : length (lift n d bs) = length bs.
Proof. revert d; induction bs; simpl; auto. Qed.

Lemma meaning_product t u e : meaning (product t u) e = (meaning t e * meaning u e)%ring.
Proof.
  unfold meaning, product; simpl. rewrite points_app, total_flat.
  transitivity (total (points (bounds t) e)
    (fun p => meaning u e * if guard t p then value t p else 0)%ring).
  - apply total_ext; intros p Hp. apply points_split in Hp as (own & -> & L).
    unfold meaning. transitivity (total (points (bounds u) e) (fun q =>
      (if guard t (own ++ e) then value t (own ++ e) else 0)
      * (if guard u q then value u q else 0))%ring).
    + rewrite <- (total_lift (bounds u) _ [] own e). simpl. rewrite L, Nat.add_0_r.
      apply total_ext; intros q Hq. apply points_split in Hq as (new & -> & L').
      rewrite length_lift in L'. rewrite <- L', <- L.
      rewrite skipn_app, skipn_all, Nat.sub_diag. simpl. rewrite !without_app.
      destruct (guard t (own ++ e)), (guard u (new ++ e)); simpl; ring.
    + rewrite <- total_times. ring.
  - rewrite <- total_times. unfold meaning. ring.
Qed.

Lemma meanings_app ts us e : meanings (ts ++ us) e = (meanings ts e + meanings us e)%ring.
Proof. apply total_app. Qed.

Lemma meanings_products ts us e :
  meanings (products ts us) e = (meanings ts e * meanings us e)%ring.
Proof.
  unfold meanings, products. rewrite total_flat. induction ts as [|t ts IH]; simpl; [ring|].
  rewrite IH, total_map.
  transitivity (meaning t e * total us (fun u => meaning u e)
    + total ts (fun t => meaning t e) * total us (fun u => meaning u e))%ring; [|ring].
  f_equal. rewrite total_times. apply total_ext; intros u _. apply meaning_product.
Qed.

Lemma meanings_opposite ts e : meanings (map opposite ts) e = (- meanings ts e)%ring.
Proof.
  unfold meanings. rewrite total_map. induction ts as [|t ts IH]; simpl; [ring|].
  rewrite IH.
  transitivity (- meaning t e + - total ts (fun t => meaning t e))%ring; [|ring].
  f_equal. unfold meaning; simpl. generalize (points (bounds t) e) as l.
  induction l; simpl; [ring|]. rewrite IHl. destruct (guard t a); ring.
Qed.

Lemma meanings_doubled ts e :
  meanings (map doubled ts) e = (meanings ts e + meanings ts e)%ring.
Proof.
  unfold meanings. rewrite total_map, <- total_plus. apply total_ext; intros t _.
  unfold meaning; simpl. rewrite <- total_plus. apply total_ext; intros p _.
  destruct (guard t p); unfold number; simpl; ring.
Qed.

Lemma meanings_under lo hi ts e :
  meanings (map (under lo hi) ts) e
  = total (range (lo e) (hi e)) (fun i => meanings ts (i :: e)).
Proof.
  unfold meanings. rewrite total_map. induction ts as [|t ts IH]; simpl.
  - rewrite total_zero. reflexivity.
  - rewrite total_plus, IH. f_equal. unfold meaning; simpl. apply total_flat.
Qed.

Lemma meanings_single c v e : meanings (single c v) e = if c e then v e else 0%ring.
Proof. unfold meanings, meaning; simpl. ring. Qed.

Lemma meanings_chosen c ts us e :
  meanings (chosen c ts us) e = if c e then meanings ts e else meanings us e.
Proof.
  unfold chosen. rewrite meanings_app, !meanings_products, !meanings_single.
  destruct (c e); simpl; ring.
Qed.

Lemma meanings_selected w c ts us e :
  w e = bracket (plain A) c ->
  meanings (selected w ts us) e = if c then meanings ts e else meanings us e.
Proof.
  intros H. unfold selected. rewrite !meanings_app, meanings_opposite, !meanings_products,
    !meanings_single, H. unfold always, bracket. destruct c; simpl; ring.
Qed.

Lemma evaluate_values moves a e : valid moves a e -> evaluate a e = meanings (values a) e.
Proof.
  revert e; induction a; intros e V; simpl in *;
    try (rewrite meanings_single; unfold always; (reflexivity || (symmetry; tauto))).
  - destruct V. rewrite meanings_chosen, <- IHa1, <- IHa2 by assumption; reflexivity.
  - destruct V. rewrite meanings_app, <- IHa1, <- IHa2 by assumption; reflexivity.
  - destruct V. rewrite meanings_products, <- IHa1, <- IHa2 by assumption; reflexivity.
  - rewrite meanings_products, <- IHa by assumption; reflexivity.
  - rewrite meanings_opposite, <- IHa by assumption; reflexivity.
  - rewrite meanings_under. apply total_ext; intros i Hi; apply in_range in Hi; auto.
  - destruct V as (W & V1 & V2). rewrite (meanings_selected _ _ _ _ _ W).
    rewrite <- IHa3, <- IHa4 by assumption. reflexivity.
Qed.

Lemma dual_sum lo hi F : finite_sum (dual A) lo hi F
  = (total (range lo hi) (fun i => fst (F i)), total (range lo hi) (fun i => snd (F i))).
Proof.
  unfold finite_sum. induction (range lo hi); simpl in *; [reflexivity|]. rewrite IHl. reflexivity.
Qed.

Lemma first_largest_dual lo hi c F :
  first_largest (dual A) lo hi c F = first_largest (plain A) lo hi c (fun i => fst (F i)).
Proof. reflexivity. Qed.

Lemma first_largest_ext lo hi c F G :
  (forall i, F i = G i) -> first_largest (plain A) lo hi c F = first_largest (plain A) lo hi c G.
Proof.
  intros H. unfold first_largest. generalize (@None Z). induction (filter c (range lo hi));
    intros best; simpl; [reflexivity|].
  rewrite IHl. destruct best; [rewrite !H|]; reflexivity.
Qed.

Lemma first_largest_in lo hi c F i :
  first_largest (plain A) lo hi c F = Some i -> lo <= i < hi /\ c i = true.
Proof.
  unfold first_largest. intros H.
  assert (G : forall l best, fold_left (fun best i => match best with
      | None => Some i
      | Some j => if less (plain A) (F j) (F i) then Some i else best
      end) l best = Some i -> In i l \/ best = Some i).
  { induction l as [|k l IH]; simpl; intros best E; [auto|].
    destruct (IH _ E) as [|E']; [auto|].
    destruct best as [j|]; [destruct (ring_less A (F j) (F k))|]; auto; injection E' as <-; auto. }
  destruct (G _ _ H) as [I|I]; [|discriminate].
  apply filter_In in I as [I C]. apply in_range in I. auto.
Qed.

Lemma first_only_inside lo hi c F i :
  c i = false -> bracket (plain A) (is_first i (first_largest (plain A) lo hi c F)) = 0%ring.
Proof.
  intros C. unfold is_first. destruct (first_largest _ _ _ _ _) as [j|] eqn:E; [|reflexivity].
  destruct (Z.eqb_spec i j) as [->|]; [|reflexivity].
  apply first_largest_in in E as [_ E]. congruence.
Qed.

Lemma total_pick (B D : Z -> scalar A) j l :
  NoDup l -> In j l -> B j = 1%ring -> (forall i, i <> j -> B i = 0%ring) ->
  total l (fun i => B i * D i)%ring = D j.
Proof.
  intros N H J O. induction N as [|i l Hi Hl IH]; simpl in *; [tauto|].
  destruct (Z.eq_dec i j) as [->|E].
  - rewrite J, (total_ext _ _ (fun _ => 0%ring)); [rewrite total_zero; ring|].
    intros k Hk. rewrite O; [ring|]. intros ->; contradiction.
  - destruct H as [->|H]; [contradiction|]. rewrite (IH H), O by assumption. ring.
Qed.

Lemma total_first lo hi c F (D : Z -> scalar A) :
  total (range lo hi)
    (fun i => bracket (plain A) (is_first i (first_largest (plain A) lo hi c F)) * D i)%ring
  = match first_largest (plain A) lo hi c F with Some i => D i | None => 0%ring end.
Proof.
  generalize (first_largest_in lo hi c F).
  destruct (first_largest (plain A) lo hi c F) as [j|]; intros H.
  - destruct (H j eq_refl) as [I _]. apply in_range in I. clear H. rename I into H.
    apply (total_pick (fun i => bracket (plain A) (is_first i (Some j)))); unfold bracket; simpl;
      [apply nodup_range|exact H|rewrite Z.eqb_refl; reflexivity|].
    intros i N. destruct (Z.eqb_spec i j); [contradiction|reflexivity].
  - rewrite (total_ext _ _ (fun _ => 0%ring)); [apply total_zero|].
    intros; unfold bracket; simpl; ring.
Qed.

Lemma evaluate_dual_fst a e : fst (evaluate_dual a e) = evaluate a e.
Proof.
  revert e; induction a; intros e; simpl; rewrite ?IHa, ?IHa1, ?IHa2, ?IHa3, ?IHa4; try reflexivity.
  - destruct (c e); reflexivity.
  - destruct (c e); auto.
  - rewrite dual_sum. simpl. apply total_ext; auto.
  - destruct (ring_less A _ _); reflexivity.
  - destruct (ring_less A _ _); auto.
  - unfold largest. rewrite first_largest_dual, (first_largest_ext _ _ _ _ _ (fun j => IHa (j :: e))).
    destruct (first_largest _ _ _ _ _); auto.
  - rewrite first_largest_dual, (first_largest_ext _ _ _ _ _ (fun j => IHa (j :: e))).
    destruct (is_first _ _); reflexivity.
Qed.

Lemma evaluate_dual_snd a e : valid True a e -> snd (evaluate_dual a e) = meanings (tangents a) e.
Proof.
  revert e; induction a; intros e V; simpl in *; rewrite ?evaluate_dual_fst; try reflexivity.
  - rewrite meanings_single; reflexivity.
  - destruct (c e); reflexivity.
  - destruct V. rewrite meanings_chosen, <- IHa1, <- IHa2 by assumption. destruct (c e); reflexivity.
  - destruct V. rewrite meanings_app, IHa1, IHa2 by assumption; reflexivity.
  - destruct V as [V1 V2]. rewrite meanings_app, !meanings_products, IHa1, IHa2 by assumption.
    rewrite (evaluate_values True a1), (evaluate_values True a2) by assumption. reflexivity.
  - rewrite meanings_doubled, meanings_products, IHa by assumption.
    rewrite (evaluate_values True a) by assumption. ring.
  - rewrite meanings_opposite, IHa by assumption; reflexivity.
  - rewrite meanings_under, dual_sum. simpl. apply total_ext; intros i Hi; apply in_range in Hi; auto.
  - destruct V. auto.
  - destruct V as (_ & V). destruct (V I) as (-> & V1 & V2).
    rewrite meanings_products, <- IHa1, <- (evaluate_values False) by assumption. reflexivity.
  - destruct V as (_ & V). destruct (V I) as (-> & -> & V1 & V2).
    rewrite meanings_products, <- IHa1, <- (evaluate_values False) by assumption. ring.
  - destruct (ring_less A _ _); reflexivity.
  - destruct V as (W & V1 & V2). rewrite (meanings_selected _ _ _ _ _ W), <- IHa3, <- IHa4 by assumption.
    destruct (ring_less A _ _); reflexivity.
  - destruct V as (_ & V). specialize (V I). rewrite meanings_under. unfold largest.
    rewrite first_largest_dual,
      (first_largest_ext _ _ _ _ _ (fun j => evaluate_dual_fst a (j :: e))).
    transitivity (total (range (lo e) (hi e)) (fun i =>
      bracket (plain A) (is_first i (first_largest (plain A) (lo e) (hi e)
        (fun i => c (i :: e)) (fun i => evaluate a (i :: e))))
      * snd (evaluate_dual a (i :: e)))%ring).
    + rewrite total_first. destruct (first_largest _ _ _ _ _); reflexivity.
    + apply total_ext; intros i Hi. apply in_range in Hi. destruct (V i Hi) as (W & V').
      rewrite meanings_products, meanings_single, W, IHa by assumption.
      destruct (c (i :: e)) eqn:C; [reflexivity|].
      rewrite (first_only_inside _ _ (fun i => c (i :: e)) _ i C). reflexivity.
  - unfold bracket. match goal with |- snd (if ?b then _ else _) = _ => destruct b end; reflexivity.
Qed.

(* The inverse and the root of dual numbers are what their names say, wherever they are that of
   the parts without epsilon. *)
Lemma dual_inverse (u : carrier (dual A)) :
  (fst u * ring_inverse A (fst u) = 1)%ring ->
  times (dual A) u (inverse (dual A) u) = one (dual A).
Proof.
  destruct u as [u d]; simpl; intros H. f_equal; [exact H|].
  transitivity (d * ring_inverse A u * (1 + - (u * ring_inverse A u)))%ring; [ring|rewrite H; ring].
Qed.

Lemma dual_root (u : carrier (dual A)) :
  let r := ring_root A (fst u) in
  (r * r = fst u)%ring -> (r * ring_inverse A r = 1)%ring ->
  ((1 + 1) * ring_fraction A 2 = 1)%ring ->
  times (dual A) (root (dual A) u) (root (dual A) u) = u.
Proof.
  destruct u as [u d]; simpl; intros S I H.
  set (r := ring_root A u) in *. set (h := ring_fraction A 2) in *. set (k := ring_inverse A r) in *.
  rewrite S. f_equal.
  transitivity ((1 + 1) * h * (r * k) * d)%ring; [ring|]. rewrite H, I. ring.
Qed.

(* ---- 6. Pairings: sums of w * a over a box, and their terms. ------------------------------ *)

Fixpoint sums (bs : list bound) (F : point -> scalar A) (e : point) : scalar A :=
  match bs with
  | [] => F e
  | b :: bs => finite_sum (plain A) (fst (b e)) (snd (b e)) (fun i => sums bs F (i :: e))
  end.

Lemma sums_total bs F e : sums bs F e = total (points bs e) F.
Proof.
  revert e; induction bs as [|b bs IH]; simpl; intros e; [ring|].
  rewrite total_flat. apply total_ext; auto.
Qed.

Definition weighted (bs : list bound) (w : point -> scalar A) (t : term) : term :=
  Term (bs ++ bounds t) (guard t) (fun e => w (skipn (length (bounds t)) e) * value t e)%ring.

Lemma sums_weighted bs w F ts :
  (forall e, In e (points bs []) -> F e = meanings ts e) ->
  sums bs (fun e => w e * F e)%ring [] = meanings (map (weighted bs w) ts) [].
Proof.
  intros H. rewrite sums_total. unfold meanings. rewrite total_map.
  transitivity (total (points bs []) (fun e => w e * meanings ts e)%ring).
  { apply total_ext; intros; rewrite H by assumption; reflexivity. }
  clear H. unfold meanings. induction ts as [|t ts IH]; simpl.
  - etransitivity; [|apply (total_zero (points bs []))]. apply total_ext; intros; simpl; ring.
  - rewrite <- IH.
    transitivity (total (points bs [])
       (fun e => w e * meaning t e + w e * total ts (fun t => meaning t e))%ring).
    { apply total_ext; intros; simpl; ring. }
    rewrite total_plus. f_equal. unfold meaning, weighted; simpl.
    rewrite points_app, total_flat. apply total_ext; intros e _.
    rewrite total_times. apply total_ext; intros p Hp. rewrite (points_skip _ _ _ Hp).
    destruct (guard t p); ring.
Qed.

Definition tangent_pairing bs w a : list term := map (weighted bs w) (tangents a).
Definition value_pairing bs w a : list term := map (weighted bs w) (values a).

Lemma tangent_pairing_meaning bs w a :
  every bs (valid True a) [] ->
  sums bs (fun e => w e * epsilon_part (evaluate_dual a e))%ring []
  = meanings (tangent_pairing bs w a) [].
Proof.
  intros V. apply sums_weighted. intros e He.
  apply evaluate_dual_snd, (every_points _ _ _ V _ He).
Qed.

Lemma value_pairing_meaning bs w a :
  every bs (valid False a) [] ->
  sums bs (fun e => w e * evaluate a e)%ring [] = meanings (value_pairing bs w a) [].
Proof.
  intros V. apply sums_weighted. intros e He.
  apply (evaluate_values False), (every_points _ _ _ V _ He).
Qed.

(* fractions over a common denominator *)
Lemma expand_fraction (n m k f h : scalar A) :
  (n * f = 1 -> m * h = 1 -> m = n * k -> f = k * h)%ring.
Proof.
  intros F H ->. transitivity (f * (n * k * h))%ring; [rewrite H; ring|].
  transitivity (n * f * k * h)%ring; [ring|rewrite F; ring].
Qed.

(* equal values, found equal part by part *)
Lemma sum_same o lo hi lo' hi' F G :
  lo = lo' -> hi = hi' -> (forall i, lo <= i < hi -> F i = G i) ->
  finite_sum o lo hi F = finite_sum o lo' hi' G.
Proof.
  intros <- <- H. unfold finite_sum. revert H.
  assert (E : forall i, In i (range lo hi) -> lo <= i < hi) by (intros i; apply in_range).
  revert E. generalize (range lo hi) as l. induction l as [|i l IH]; simpl; intros E H; [reflexivity|].
  rewrite IH, H by auto. reflexivity.
Qed.

Lemma place_same o lo hi lo' hi' c d F G :
  lo = lo' -> hi = hi' -> (forall i, lo <= i < hi -> c i = d i) -> (forall i, F i = G i) ->
  first_largest o lo hi c F = first_largest o lo' hi' d G.
Proof.
  intros <- <- C H. unfold first_largest.
  replace (filter d (range lo hi)) with (filter c (range lo hi)).
  - generalize (@None Z). induction (filter c (range lo hi)); intros best; simpl; [reflexivity|].
    rewrite IHl. destruct best; [rewrite !H|]; reflexivity.
  - apply filter_ext_in. intros i Hi. apply C, in_range, Hi.
Qed.

Lemma largest_same o lo hi lo' hi' c d F G :
  lo = lo' -> hi = hi' -> (forall i, lo <= i < hi -> c i = d i) -> (forall i, F i = G i) ->
  largest o lo hi c F = largest o lo' hi' d G.
Proof.
  intros L U C H. unfold largest. rewrite (place_same o lo hi lo' hi' c d F G L U C H).
  destruct (first_largest _ _ _ _ _); auto.
Qed.

Lemma polynomial_of_dual cs (u : carrier (dual A)) :
  polynomial (dual A) (map constant cs) u
  = (polynomial (plain A) cs (fst u), (slope (plain A) cs (fst u) * snd u)%ring).
Proof.
  unfold polynomial, slope. induction cs as [|c cs IH]; [simpl; f_equal; ring|].
  cbn [map horner horner_slope]. rewrite IH. unfold constant. simpl. f_equal; ring.
Qed.

End Ring.

Arguments meaning {A}. Arguments meanings {A}. Arguments Term {A}.
Arguments Fixed {A}. Arguments Moving {A}. Arguments Bracket {A}.
Arguments Choice {A}. Arguments Plus {A}. Arguments Times {A}. Arguments Negate {A}.
Arguments Sum {A}. Arguments Square {A}. Arguments Named {A}. Arguments Unary {A}. Arguments Power {A}.
Arguments Step {A}. Arguments Select {A}. Arguments Largest {A}. Arguments First {A}.

(* the n-th term of a list *)
Definition pick {A} (n : nat) (ts : list (term A)) : term A :=
  nth n ts (Term [] (fun _ => false) (fun _ => ring_zero A)).

(* ---- 7. An instance: rational numbers, and functions that are polynomials. ----------------- *)

Definition numbers : commutative_ring := {|
  ring_fraction := fun n => (/ Q2Qc (inject_Z n))%Qc;
  ring_inverse := Qcinv;
  ring_root := fun u => u;
  ring_apply := fun _ u => u;
  rate := fun _ _ => 1%Qc;
  ring_power := fun u _ => u;
  base_rate := fun _ _ => 1%Qc;
  exponent_rate := fun _ _ => 0%Qc;
  ring_less := fun u v => match (u ?= v)%Qc with Lt => true | _ => false end;
  ring_laws := Qcrt |}.

(* each function is the polynomial with the coefficients given, u^a is 1 + a*(u - 1) *)
Definition rationals (coefficients : function -> list Qc) : commutative_ring := {|
  ring_fraction := ring_fraction numbers;
  ring_inverse := Qcinv;
  ring_root := fun u => u;
  ring_apply := fun f => polynomial (plain numbers) (coefficients f);
  rate := fun f => slope (plain numbers) (coefficients f);
  ring_power := fun u a => (1 + a * (u - 1))%Qc;
  base_rate := fun _ a => a;
  exponent_rate := fun u _ => (u - 1)%Qc;
  ring_less := ring_less numbers;
  ring_laws := Qcrt |}.

(* what dual numbers do to a function of the instance is what polynomials do to dual numbers *)
Lemma instance_is_honest coefficients f (u : carrier (dual (rationals coefficients))) :
  apply (dual (rationals coefficients)) f u
  = polynomial (dual (rationals coefficients))
      (map (constant (A := rationals coefficients)) (coefficients f)) u.
Proof. symmetry. apply (polynomial_of_dual (rationals coefficients) (coefficients f) u). Qed.

(* ---- 8. Tactics: integer arithmetic with quotients and products of symbols. --------------- *)

Lemma quotient_known a b x : 0 <= a - b * x < b -> a / b = x /\ a mod b = a - b * x.
Proof.
  intros H. assert (E : a / b = x) by (symmetry; apply Z.div_unique with (a - b * x); lia).
  split; [exact E|]. rewrite Z.mod_eq by lia. congruence.
Qed.

Lemma quotient_below a b x : 0 < b -> a < b * x -> a / b < x.
Proof. intros; apply Z.div_lt_upper_bound; assumption. Qed.

Lemma quotient_less a b q r x : a = b * q + r -> 0 < b -> 0 <= r -> a < b * x -> q < x.
Proof. intros; nia. Qed.

Lemma quotient_exact a b q : a = b * q + 0 -> 0 < b -> - b < a -> 0 <= q.
Proof. intros; nia. Qed.

Ltac shares p q := match p with context [?x] =>
  is_var x; lazymatch type of x with Z => idtac end; lazymatch q with context [x] => idtac end
  end.

(* only what is about the goal's variables, and what a quotient among them is *)
Ltac narrow :=
  repeat match goal with
  | E : ?a = ?b * ?q + ?r |- ?goal => shares (a = b * q + r) goal; revert E
  end;
  repeat match goal with
  | H : ?p |- ?goal =>
      lazymatch type of p with Prop => idtac end; tryif shares p goal then fail else clear H
  end; intros.

(* true statements take a fraction of a second; a false one must not run away *)
Ltac arithmetic := solve
  [ lia
  | match goal with E : ?a = ?b * ?q + ?r |- ?q < ?x =>
      apply (quotient_less a b q r x E); [lia|lia|arithmetic]
    end
  | narrow; timeout 5 nia
  | timeout 5 nia ].

(* lists of hints are written (x, y, z) *)
Ltac first_of hints tac :=
  lazymatch hints with
  | (?rest, ?hint) => first [first_of rest tac | tac hint]
  | tt => fail
  end.
Ltac each_of hints tac :=
  lazymatch hints with
  | (?rest, ?hint) => each_of rest tac; try tac hint
  | tt => idtac
  end.

Ltac without_quotients t :=
  lazymatch t with context [_ / _] => fail | context [_ mod _] => fail | _ => idtac end.

(* a / b and a mod b become known values, or new names with what is known of them *)
Ltac is_quotient a b x :=
  let K := fresh in let K1 := fresh in let K2 := fresh in
  assert (K : 0 <= a - b * x < b) by lia;
  destruct (quotient_known a b x K) as [K1 K2]; rewrite ?K1, ?K2 in *; clear K K1 K2.

(* where nothing is left over: 0 <= a / b < x although a may be below 0 or b * x *)
Ltac exact_quotient a b q E P :=
  try (let L := fresh "L" in assert (L : 0 <= q) by (apply (quotient_exact a b q E P); lia));
  try match goal with D : _ = ?x * b + 0 |- _ =>
    let U := fresh "U" in
    assert (U : q < x) by (apply (quotient_less a b q 0 x E P); lia)
  end.

Ltac name_quotient a b P above :=
  let E := fresh "E" in let B := fresh "B" in
  pose proof (Z.div_mod a b ltac:(lia)) as E;
  pose proof (Z.mod_pos_bound a b P) as B;
  try (let L := fresh "L" in assert (L : 0 <= a / b) by (apply Z.div_pos; lia));
  each_of above ltac:(fun x =>
    let U := fresh "U" in assert (U : a / b < x) by (apply (quotient_below a b x P); lia));
  let q := fresh "q" in let r := fresh "r" in
  set (q := a / b) in *; set (r := a mod b) in *; clearbody q r;
  try match goal with Z : r = 0 |- _ => subst r; exact_quotient a b q E P end.

Ltac replace_quotient a b known above :=
  let P := fresh "P" in assert (P : 0 < b) by arithmetic;
  first
  [ is_quotient a b 0
  | match goal with
    | _ : _ = b * ?x + _ |- _ => is_quotient a b x
    | _ : _ = _ * ?x + _ |- _ => lazymatch a with context [x] => is_quotient a b x end
    end
  | first_of known ltac:(fun x => is_quotient a b x)
  | first_of above ltac:(fun x => is_quotient a b x)
  | name_quotient a b P above ].

(* a / (b * c) becomes a / c / b where a / c or a mod c occurs too, else a / b / c *)
Ltac split_divisor a b c :=
  first
  [ match goal with
    | |- context [a / c] => idtac
    | |- context [a mod c] => idtac
    | _ : context [a / c] |- _ => idtac
    | _ : context [a mod c] |- _ => idtac
    end; rewrite (Z.mul_comm b c), <- (Z.div_div a c b) in * by arithmetic
  | rewrite <- (Z.div_div a b c) in * by arithmetic ].

Ltac replace_quotients known above := repeat match goal with
  | |- context [?a / (?b * ?c)] => split_divisor a b c
  | _ : context [?a / (?b * ?c)] |- _ => split_divisor a b c
  | _ : context [?a / ?b] |- _ =>
      without_quotients a; without_quotients b; replace_quotient a b known above
  | _ : context [?a mod ?b] |- _ =>
      without_quotients a; without_quotients b; replace_quotient a b known above
  | |- context [?a / ?b] =>
      without_quotients a; without_quotients b; replace_quotient a b known above
  | |- context [?a mod ?b] =>
      without_quotients a; without_quotients b; replace_quotient a b known above
  end.

(* conditions computed to true or false become statements *)
Ltac statements := repeat match goal with
  | H : _ /\ _ |- _ => destruct H
  | H : (_ && _) = true |- _ => apply andb_true_iff in H
  | H : (_ <=? _) = true |- _ => apply Z.leb_le in H
  | H : (_ <? _) = true |- _ => apply Z.ltb_lt in H
  | H : (_ =? _) = true |- _ => apply Z.eqb_eq in H
  | H : true = true |- _ => clear H
  | H : negb _ = true |- _ => apply negb_true_iff in H
  | H : negb _ = false |- _ => apply negb_false_iff in H
  | H : (_ || _) = true |- _ => apply orb_true_iff in H
  | H : (_ || _) = false |- _ => apply orb_false_iff in H
  | H : (_ && _) = false |- _ => apply andb_false_iff in H
  | H : (_ <=? _) = false |- _ => apply Z.leb_gt in H
  | H : (_ <? _) = false |- _ => apply Z.ltb_ge in H
  | H : (_ =? _) = false |- _ => apply Z.eqb_neq in H
  | H : _ = true \/ _ |- _ => destruct H
  | H : _ = false \/ _ |- _ => destruct H
  end.

Ltac conditions :=
  rewrite ?andb_true_iff, ?orb_true_iff, ?negb_true_iff, ?negb_false_iff, ?andb_false_iff,
    ?orb_false_iff, ?Z.leb_le, ?Z.ltb_lt, ?Z.eqb_eq, ?Z.leb_gt, ?Z.ltb_ge, ?Z.eqb_neq;
  repeat split; arithmetic.

Ltac literal_law law := cbn [number fraction one plus times plain carrier] in law;
  repeat match type of law with context [gen_phiZ ?z ?o ?p ?t ?n ?k] =>
    let v := eval cbv [gen_phiZ gen_phiPOS] in (gen_phiZ z o p t n k) in
    change (gen_phiZ z o p t n k) with v in law
  end.

(* the value that an atom stands for *)
Ltac whole_numbers := first [reflexivity | lia | ring | progress f_equal; whole_numbers].
Ltac same := first
  [ reflexivity
  | lazymatch goal with
    | |- finite_sum ?o _ _ _ = finite_sum _ _ _ _ =>
        apply (sum_same o); [whole_numbers|whole_numbers|intros; same]
    | |- largest ?o _ _ _ _ = largest _ _ _ _ _ =>
        apply (largest_same o); [whole_numbers|whole_numbers|intros; same|intros; same]
    | |- first_largest ?o _ _ _ _ = first_largest _ _ _ _ _ =>
        apply (place_same o); [whole_numbers|whole_numbers|intros; same|intros; same]
    | |- @eq Z _ _ => whole_numbers
    end
  | progress f_equal; same ].
Ltac holds := exact I.

(* a premise at an instance: the indices are counted through, and the rest is computed *)
Ltac counted_through :=
  repeat match goal with H : ?lo <= ?i < ?hi |- _ =>
    is_var i; apply in_range in H; vm_compute in H; repeat destruct H as [<-|H]; [..|destruct H]
  end.
Ltac premise_met := first
  [ intros; counted_through; split; (reflexivity || discriminate)
  | intros; counted_through; apply Qc_is_canon; vm_compute; reflexivity ].
(* a theorem of which all premises are met *)
Ltac nothing_left :=
  repeat match goal with applied : ?premise -> _ |- _ =>
    let met := fresh in assert (met : premise) by premise_met; specialize (applied met); clear met
  end;
  match goal with applied : _ = _ |- _ => exact I end.
Ltac premise_computed := intros; counted_through; apply Qc_is_canon; vm_compute; reflexivity.
Ltac within := first [assumption | lia | statements; replace_quotients tt tt; arithmetic].

Ltac headed h t := lazymatch t with h => idtac | ?f _ => headed h f end.

(* reads of one tensor on the right become the reads on the left whose indices are equal *)
Ltac align h := repeat match goal with |- ?l = ?r =>
  match r with context [?t] =>
    headed h t; lazymatch type of t with _ -> _ => fail | _ => idtac end;
    lazymatch l with context [t] => fail | _ => idtac end;
    match l with context [?u] =>
      headed h u; lazymatch type of u with _ -> _ => fail | _ => idtac end;
      replace t with u by (f_equal; arithmetic)
    end
  end end.
(* the same for any two reads, on either side *)
Ltac unify_reads h := repeat match goal with |- context [?t] =>
    headed h t; lazymatch type of t with _ -> _ => fail | _ => idtac end;
    match goal with |- context [?u] =>
      headed h u; lazymatch type of u with _ -> _ => fail | _ => idtac end;
      lazymatch u with t => fail | _ => idtac end;
      replace t with u by (f_equal; arithmetic)
    end
  end.
Ltac unified hints :=
  lazymatch hints with (?rest, ?h) => unified rest; unify_reads h | tt => idtac end.

Ltac aligned hints := lazymatch hints with (?rest, ?h) => aligned rest; align h | tt => idtac end.

Ltac literals := repeat match goal with |- context [gen_phiZ ?z ?o ?p ?t ?n ?k] =>
  lazymatch isZcst k with true =>
    let v := eval cbv [gen_phiZ gen_phiPOS] in (gen_phiZ z o p t n k) in change (gen_phiZ z o p t n k) with v
  end end.

(* n * (1/n) = 1 for a product n, with the factors' numbers apart *)
Ltac numbers_apart A :=
  repeat match goal with |- context [gen_phiZ ?z ?o ?p ?t ?n (?a * ?b)] =>
    change (gen_phiZ z o p t n (a * b)) with (number (plain A) (a * b)); rewrite (number_times A);
    cbn [number plain]
  end.
Ltac product_law A law :=
  cbn [number fraction one times plain carrier] in law;
  repeat match type of law with context [gen_phiZ ?z ?o ?p ?t ?n (?a * ?b)] =>
    change (gen_phiZ z o p t n (a * b)) with (number (plain A) (a * b)) in law;
    rewrite (number_times A) in law; cbn [number plain] in law
  end.

(* a list of terms, computed *)
Ltac explicit l :=
  let terms := eval cbv beta iota zeta delta
    [l nth app map flat_map length firstn skipn rev Nat.add fst snd
     tangent_pairing value_pairing weighted tangents values products product under opposite doubled single
     chosen selected always without lift coordinate
     plain number fraction carrier point bound bounds guard value] in l in
  let new := fresh in pose (new := terms); change l with new; clear l; rename new into l.

(* what a term of the lists l and r is, computed *)
Ltac compute_terms l r := cbv beta iota zeta delta
  [l r pick nth app map flat_map length firstn skipn rev Nat.add fst snd
   tangent_pairing value_pairing weighted tangents values products product under opposite doubled single
   chosen selected always without lift copied counted bounds guard value every inside coordinate
   plain number fraction carrier point bound]; clear l r.

Ltac obligations heads := lazymatch goal with
  | |- _ /\ _ => split; [obligations heads|obligations heads]
  | |- True => exact I
  | |- _ = true => conditions
  | |- _ :: _ = _ :: _ => apply (f_equal2 cons); [arithmetic|obligations heads]
  | |- [] = [] => reflexivity
  | |- @eq Z _ _ => arithmetic
  | |- @eq _ _ _ => aligned heads; literals
  | |- _ => arithmetic
  end.

(* one direction of a change of index: what is left is an equation between products *)
Ltac corresponds known above heads :=
  statements; replace_quotients known above; obligations heads.

(* both sides are sums of multiples of the same meanings *)
Ltac add_up a := match goal with |- @eq _ ?l ?r => change (@eq (scalar a) l r) end;
  cbn [number fraction plain]; literals.

(* a conjunction of bounds *)
Ltac lies_inside known above := statements; replace_quotients known above; repeat split; arithmetic.
