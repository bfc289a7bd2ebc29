import { Command } from 'commander'
import { gcImages } from './gc-images.ts'

export const gc = new Command('gc').description('Find and remove what no preview needs any more').addCommand(gcImages)
