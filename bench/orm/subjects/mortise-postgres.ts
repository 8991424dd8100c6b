import { Orm } from "@mortise/core/orm/Orm"
import * as Migrations from "@mortise/orm/migrations/Migrations"
import * as Postgres from "@mortise/orm/Postgres"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { models, subjectOn } from "../repositories.ts"
import type { Subject } from "../shared.ts"

/** The tables are those that the models make. */
export const open = (url: string): Subject =>
  subjectOn(
    Layer.effect(
      Orm,
      Effect.tap(Postgres.make({ url: Redacted.make(url) }), (orm) =>
        Effect.provideService(Migrations.up([{ namespace: "app", models }]), Orm, orm)
      )
    )
  )
